"""An OIDC issuer without a server.

All that the API's authorizer reads of an issuer are two documents (OpenID Connect Discovery 1.0, section 4,
and RFC 7517): they lie in a bucket of the local cloud, and live as long as it. The key lies in the work
folder, and who can read that can be anybody to the local API; it opens nothing else.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from scripts.clouds.clients import client

# joserfc is imported where a token is signed: importing it takes a tenth of a command's time.
if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

BUCKET = "task-manager-issuer"
AUDIENCE = "task-manager"
ALGORITHM = "RS256"
LIFETIME_SECONDS = 12 * 3600
CONFIGURATION = ".well-known/openid-configuration"
KEYS = ".well-known/jwks.json"
OPEN_TO_ALL = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/.well-known/*",
        }
    ],
}


class Issuer:
    """Signs tokens for the API on the cloud at `endpoint`, with the key in a work folder."""

    def __init__(self, work_folder: Path, endpoint: str) -> None:
        self._key_file = work_folder / "issuer-key.pem"
        self._endpoint = endpoint
        self.url = f"{endpoint}/{BUCKET}"

    @cached_property
    def key(self) -> "RSAKey":
        """The key, made when it is first needed."""
        from joserfc.jwk import RSAKey

        if not self._key_file.exists():
            made = RSAKey.generate_key(2048)
            # Readable by this user only, from the first moment on; the first process creates it.
            with contextlib.suppress(FileExistsError):
                mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                with os.fdopen(os.open(self._key_file, mode, 0o600), "wb") as file:
                    file.write(made.as_pem(private=True))
        return RSAKey.import_key(self._key_file.read_bytes())

    def publish(self) -> None:
        """Puts what the authorizer reads where it looks."""
        s3 = client("s3", self._endpoint)
        try:
            s3.head_bucket(Bucket=BUCKET)
        except ClientError:
            s3.create_bucket(Bucket=BUCKET)
        s3.delete_public_access_block(Bucket=BUCKET)
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(OPEN_TO_ALL))
        configuration = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/{KEYS}",
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
        }
        public = self.key.as_dict(private=False)
        key = {**public, "kid": self.key.thumbprint(), "alg": ALGORITHM, "use": "sig"}
        for name, document in ((CONFIGURATION, configuration), (KEYS, {"keys": [key]})):
            body = json.dumps(document).encode()
            s3.put_object(Bucket=BUCKET, Key=name, Body=body, ContentType="application/json")

    def claims(self, subject: str, scopes: Iterable[str]) -> dict[str, Any]:
        """What a good token says (RFC 9068)."""
        now = int(time.time())
        return {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "scope": " ".join(scopes),
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
        }

    def token(self, subject: str, scopes: Iterable[str]) -> str:
        """A token that the API takes."""
        return self.sign(self.claims(subject, scopes), self.key)

    def sign(self, claims: dict[str, Any], key: "RSAKey") -> str:
        """These claims, signed with a key that is said to be ours."""
        from joserfc import jwt

        return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": self.key.thumbprint()}, claims, key)
