"""The demo's front page: two simulated phones, a movable clock, the way to everything else.

``control`` says what the page needs of the running demo, ``routes`` serves it.
"""
