"""`samepic doctor` finds what is wrong, says what to do, and looks only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.journey.conftest import Desk


def certificate(path: Path, ends: datetime) -> None:
    """A key and its certificate in one file, valid until `ends`."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "samepic")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(ends - timedelta(days=365)).not_valid_after(ends).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    path.chmod(0o600)


def use_certificate(desk: Desk, path: Path) -> None:
    settings = desk.folder / "samepic.toml"
    settings.write_text(settings.read_text().replace(desk.tenant.application["certificate"], str(path)))


def found(desk: Desk, level: str, code: int) -> dict[tuple[str, str], str]:
    findings = desk.json("doctor", code=code)
    return {
        (one["part"], one["about"]): f"{one['message']} {one['remedy']}" for one in findings if one["level"] == level
    }


def test_healthy_tenant_is_said_to_be_and_nothing_is_made(desk: Desk):
    desk.control("POST", "/requests/reset")
    good = found(desk, "good", 0)
    assert "8 of them with an Exchange plan" in good["exchange", "reading accounts"]
    assert "6 answered with one of the mailbox's nine sizes" in good["exchange", "store evidence"]
    assert "in the cloud" in good["exchange", "photo policy"]
    assert "9 profiles" in good["sharepoint", "requests"]
    assert desk.writes() == 0
    assert not (desk.folder / "samepic-data").exists()
    desk.samepic("status")
    assert "12 people" in found(desk, "good", 0)["store", "database"]


def test_refusals_are_foretold(desk: Desk):
    desk.control("PUT", "/photo-source", json={"source": "onPremises"})
    desk.control("PUT", "/application/roles", json={"graph": ["User.Read.All", "PeopleSettings.Read.All"]})
    assert "on-premises" in found(desk, "problem", 1)["exchange", "photo policy"]
    assert "ProfilePhoto.ReadWrite.All" in found(desk, "warning", 1)["exchange", "rights"]
    assert "8 accounts will be refused" in found(desk, "warning", 1)["entra", "what is refused"]


@pytest.mark.parametrize(
    ("days", "level", "code", "words"), [(-1, "problem", 1, "expired on"), (10, "warning", 1, "valid until")]
)
def test_certificate_that_runs_out_is_said_with_the_date(desk: Desk, days, level, code, words):
    ends = datetime.now(UTC) + timedelta(days=days)
    certificate(desk.folder / "old.pem", ends)
    use_certificate(desk, desk.folder / "old.pem")
    said = found(desk, level, code)["settings", "secrets"]
    assert f"{words} {ends:%Y-%m-%d}" in said
    assert "Make a new one" in said


def test_expired_certificate_ends_a_run_with_a_sentence_for_each_system(desk: Desk):
    certificate(desk.folder / "old.pem", datetime.now(UTC) - timedelta(days=2))
    use_certificate(desk, desk.folder / "old.pem")
    assert desk.samepic("status", code=1) == ""
    assert desk.said.count("The certificate expired on") == 3
    assert desk.said.count("Make a new one") == 3
    desk.samepic("sync", code=1)


def test_key_that_others_may_read_is_a_warning(desk: Desk):
    certificate(desk.folder / "open.pem", datetime.now(UTC) + timedelta(days=300))
    (desk.folder / "open.pem").chmod(0o644)
    use_certificate(desk, desk.folder / "open.pem")
    assert "chmod 600" in found(desk, "warning", 1)["settings", "secrets"]


def test_damaged_store_is_found_and_the_systems_are_examined_all_the_same(desk: Desk):
    desk.samepic("status")
    picture = next((desk.folder / "samepic-data" / "pictures").glob("??/??/*"))
    picture.write_bytes(b"not what it was")
    assert str(picture) in found(desk, "problem", 1)["store", "pictures"]
    database = desk.folder / "samepic-data" / "samepic.db"
    database.write_bytes(b"no database at all" * 400)
    assert "is not a database" in found(desk, "problem", 1)["store", "database"]
    assert ("exchange", "reading accounts") in found(desk, "good", 1)


def test_tenant_that_is_away_is_a_problem_of_each_system(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SAMEPIC_NETWORK__PATIENCE", "0")
    settings = desk.folder / "samepic.toml"
    settings.write_text(settings.read_text().replace(desk.tenant.authority, "http://127.0.0.1:9"))
    problems = found(desk, "problem", 1)
    assert {part for part, _ in problems} == {"exchange", "entra", "sharepoint"}


def test_the_portal_is_looked_at_where_people_sign_in(desk: Desk):
    desk.configure(portal="127.0.0.1:8470")
    assert "microsoft: " in found(desk, "good", 0)["portal", "signing in"]
    settings = desk.folder / "samepic.toml"
    settings.write_text(settings.read_text().replace("[portal]", '[portal]\nkey = "file:key"', 1))
    (desk.folder / "key").write_text("too short")
    (desk.folder / "key").chmod(0o600)
    assert "is not 32 bytes in base64" in found(desk, "problem", 1)["portal", "key"]
    settings.write_text(settings.read_text().replace(f"{desk.tenant.tenant}/v2.0", "another/v2.0"))
    assert "Check [[portal.sign_in]] microsoft." in found(desk, "problem", 1)["portal", "signing in"]


def test_prompting_in_peoples_names_is_tried_when_asked_to(desk: Desk):
    desk.configure(portal="127.0.0.1:8470")
    findings = desk.json("doctor", "--pull")
    (tried,) = [one["message"] for one in findings if one["about"] == "pull in people's names"]
    assert tried == "Nobody has consented to it yet, so it could not be tried."


def test_how_far_each_connector_is_proved_is_said(desk: Desk):
    good = found(desk, "good", 0)
    assert good["exchange", "connector"].startswith('kind = "graph" is silver.')
    assert good["sharepoint", "connector"].startswith('kind = "sharepoint" is silver.')
