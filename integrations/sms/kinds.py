"""Every kind of gateway that there is, by the id that settings name it with."""

from __future__ import annotations

from integrations.sms import esms, gammu, generic_http, kannel, smpp, smsgate
from integrations.sms.gateway import Kind

# In the order in which an officer is shown them: what a commune can do by itself comes first.
_ALL = (smsgate.KIND, gammu.KIND, esms.KIND, kannel.KIND, smpp.KIND, generic_http.KIND)

KINDS: dict[str, Kind] = {kind.id: kind for kind in _ALL}
