"""A server that people sign in at: OpenID Connect with its discovery document, token and userinfo, over TCP.

The person's browser is the test: it takes `code_for(...)` back as if somebody had signed in there.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

CLIENT, SECRET = "parley", "oidc-canary-secret"
SIGNING = "a secret of this fake, long enough for HS256"


class FakeIdentity:
    """`with FakeIdentity() as fake:`; its address is `fake.url`."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[Mapping[str, Any], str]] = {}  # code -> (who, the PKCE challenge)
        self._tokens: dict[str, Mapping[str, Any]] = {}
        self.refused: list[str] = []

    def __enter__(self) -> "FakeIdentity":
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake._answer(self, fake._read(urlsplit(self.path).path, self.headers))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
                fake._answer(self, fake._token({key: values[0] for key, values in parse_qs(body).items()}))

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def code_for(self, asked: str, **who: Any) -> dict[str, str]:
        """What the browser brings back after it was sent to `asked` and `who` signed in there."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(asked).query).items()}
        code = secrets.token_urlsafe(8)
        self._codes[code] = (who, query["code_challenge"])
        return {"code": code, "state": query["state"]}

    def _read(self, path: str, headers: Any) -> Any:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        return self._tokens.get(headers.get("authorization", "").removeprefix("Bearer "))

    def _token(self, form: Mapping[str, str]) -> Any:
        """Codes are good once, for who has the secret and the verifier."""
        who, challenge = self._codes.pop(form.get("code", ""), ({}, ""))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not who or form.get("client_secret") != SECRET or proof != challenge:
            self.refused.append(form.get("code", ""))
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, **who}
        token = secrets.token_urlsafe(8)
        self._tokens[token] = who
        signed = jwt.encode(claims, SIGNING, algorithm="HS256")
        return {"access_token": token, "token_type": "Bearer", "id_token": signed}

    def _answer(self, request: BaseHTTPRequestHandler, content: Any) -> None:
        request.send_response(400 if content is None else 200)
        request.send_header("Content-Type", "application/json")
        request.end_headers()
        request.wfile.write(json.dumps(content or {"error": "invalid_grant"}).encode())
