"""Text -> Understanding: which procedure and which aspect a citizen asks about.

``facade.Understander`` is the door. The web process imports only the light half
(``types``, ``keywords``, ``decide``, ``client``, ``facade``); Rasa, numpy
and underthesea live in the child process that ``client.NluClient`` starts.
"""
