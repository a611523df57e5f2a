"""A plain JSON contract that a small script in front of any gateway can speak.

in   POST /webhooks/sms/generic/{commune}, JSON or form, signed:
     {"id", "from", "to"?, "text", "received_at"?}   a message of a citizen
     {"event": "receipt", "id", "status"}            sent | delivered | failed
out  POST {url} {"id", "to", "from", "text"}  ->  {"id"}; the same id is sent once only
     GET {url}/{id}                           ->  {"id", "status"}, 404 never taken
"""
