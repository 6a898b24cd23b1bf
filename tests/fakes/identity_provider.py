"""An identity provider of OpenID Connect: it knows one person and one client, and gives one access token."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs

from tests.fakes.cloud import Asked, FakeCloud, Reply

DISCOVERY = "/.well-known/openid-configuration"
ACCESS_TOKEN = "of-the-identity-Provider"
ID_TOKEN = "id-of-Ada-Lovelace"
CLIENT = {"client_id": "defcore", "client_secret": "client-Secret"}
ADA = {"username": "ada", "password": "idp-Pa55word"}
SECRETS = (CLIENT["client_secret"], ADA["password"], ACCESS_TOKEN, ID_TOKEN)


class IdentityProvider:
    """At an address where nothing else is answered."""

    def __init__(self, place: FakeCloud) -> None:
        self.place = place
        self.token_endpoint = f"{place.url}/token"
        place.answer("GET", "^/.well-known", lambda _: Reply(200, {"token_endpoint": self.token_endpoint}))
        place.answer("POST", "^/token$", self._grant)

    def _grant(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        basic = "Basic " + base64.b64encode(":".join(CLIENT.values()).encode()).decode()
        by_password = {name: form.get(name) for name in ADA} == ADA
        wanted = by_password if form["grant_type"] == "password" else form["grant_type"] == "client_credentials"
        if asked.headers.get("authorization") != basic or not wanted:
            return Reply(401, {"error": "invalid_client"})
        return Reply(200, {"access_token": ACCESS_TOKEN, "id_token": ID_TOKEN, "token_type": "Bearer"})
