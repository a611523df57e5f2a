"""The web chat: a page that citizens reach by a QR code on a notice board.

``routes`` is the way in (pages, messages, long-poll), ``sender`` the way out, ``views``
what a page knows of a commune. ``security`` and ``statics`` also serve the demo page.
"""
