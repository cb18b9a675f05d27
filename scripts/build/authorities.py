"""The certificate authorities of AWS's endpoints alone, taken from those that botocore trusts.

Loading all 140 authorities that browsers trust is a fifth of a function's cold start. AWS's endpoints have
certificates of Amazon Trust Services, and a function that talks to AWS only needs no other.
"""

import hashlib
import re
import ssl
from pathlib import Path

from scripts.base.failure import Failure

FILE = "amazon-trust-services.pem"

# SHA-256 of each root's certificate: the five that https://www.amazontrust.com/repository/ recommends for
# custom trust stores. Their public keys were compared with the hashes published there on 2026-11-22.
FINGERPRINTS = {
    "Amazon Root CA 1": "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
    "Amazon Root CA 2": "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
    "Amazon Root CA 3": "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
    "Amazon Root CA 4": "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
    "Starfield Services Root CA - G2": "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
}

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)


def write_amazon_authorities(trusted: Path, target: Path) -> None:
    """Write Amazon's roots, which are among those of a bundle (trusted). A Failure if one is missing."""
    by_fingerprint = {
        hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest(): text
        for text in _CERTIFICATE.findall(trusted.read_text(encoding="utf-8"))
    }
    missing = [name for name, fingerprint in FINGERPRINTS.items() if fingerprint not in by_fingerprint]
    if missing:
        raise Failure(
            f"botocore no longer trusts {', '.join(missing)}: compare {Path(__file__).name} with "
            "https://www.amazontrust.com/repository/"
        )
    wanted = (f"# {name}\n{by_fingerprint[fingerprint]}" for name, fingerprint in FINGERPRINTS.items())
    target.write_text("\n".join(wanted), encoding="utf-8")
