"""The conversation, independent of any channel (DESIGN: rooms)."""
