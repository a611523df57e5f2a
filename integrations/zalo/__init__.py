"""Zalo Official Account: webhooks in, consultation messages out, and a strict simulator.

Protocol facts: the project's Zalo fact sheet (docs of the OA OpenAPI v3, September 2026).
"""
