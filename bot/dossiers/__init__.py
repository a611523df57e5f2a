"""Dossiers: saving one with all that follows from it, and bringing many in from a file."""
