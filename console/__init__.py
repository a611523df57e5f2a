"""The officer's desk: the questions that the bot could not answer, and nothing else.

``routes.py`` names every address; ``guard.py`` stands in front of all of them (session,
CSRF token, same origin, headers); one module for each page does its work; ``words.py``
turns states and times into Vietnamese.
"""
