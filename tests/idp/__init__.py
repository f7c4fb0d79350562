"""The mock identity provider: really signs, and misbehaves on request.

For tests and for `doorward demo`. It shares no code with what it tests: lxml, xmlsec,
cryptography and Flask only.

- `mock_idp.MockIdp` and `client.answer`: an IdP without a server, clock and names as arguments.
- `server.create_idp` and `python -m tests.idp`: the same with pages.
- `reply.Reply`: everything that one Response can say; `responses.build` writes and signs it.
- `misbehaviours.DRAWER`: every way to be wrong, by name, with what should come of it.
- `logout`: Single Logout messages, either way.
"""
