"""Zalo's Official Account platform as a library: nothing in here knows of hotro.

``oa`` and ``simulator`` import only each other, the standard library, httpx and aiohttp
(and ``integrations.fields``, ``integrations.bodies``, ``integrations.simulation``, which know of
hotro no more than they do): a guard test runs them without the rest of the project.
"""
