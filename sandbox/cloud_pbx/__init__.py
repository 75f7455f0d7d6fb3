"""A cloud PBX as its customers see it: an HTTP interface with a key, and signed notices about calls.

    GET  /v1/account                what there is: extensions, numbers, where notices go
    PUT  /v1/webhook                {"url": …}: where notices go from now on
    POST /v1/calls                  {"extension", "number", "request_id"}: 202 {"call_id"}; the extension
                                    rings first. 404 unknown_extension, 409 extension_busy or
                                    extension_offline, 403 forbidden_number, 422 malformed. A request_id
                                    asked again is the same call.
    GET  /v1/events                 ?since=&after=&limit=: what was told, {"events": […], "next": "…"}
    GET  /v1/recordings/<id>.wav    404 until the sound is written

Everything but the notices wants `Authorization: Bearer <key>` and answers 401 without it.

A notice is a POST of JSON, signed: `X-Signature: sha256=<hmac of the body under the signing key>`:

    {"event_id": "e-12", "event": "call.answered", "call_id": "c-7",
     "at": "2026-01-12T09:00:05.120+00:00", "direction": "in" | "out" | "internal",
     "client": "79990001122" | "anonymous", "number": "74951000005", "extension": "101",
     "request_id": "…"}

Events: call.started, call.ringing, call.dialling (after a click: the extension was taken, the client is
called), call.answered, call.left, call.recorded (with "recording": address), call.ended (with "result":
answered | no_answer | busy | wrong_number | failed, and "ended_by": client | employee). An answer other than
2xx within five seconds brings the same notice again after 1, 5, 30, 120 and 600 seconds, so their order is
not promised.
"""
