"""Settings: a missing or wrong one stops the process with its name and what it should be."""

import pytest

from services.chassis.runtime.settings import Settings, load

GOOD = {
    "DATABASE_URL": "postgresql://postgres@127.0.0.1:5432/booking",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
    "OIDC_ISSUER": "http://127.0.0.1:8090/",
    "OIDC_AUDIENCE": "bookwith",
    "ORGANIZATION_NAMESPACE": "5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11",
    "PUBLIC_URL": "http://127.0.0.1:8080/",
    "TOKEN_KEYS": "1:" + "A" * 43,
    "HTTP_PORT": "8080",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in GOOD.items():
        monkeypatch.setenv(f"BOOKWITH_{name}", value)
    return monkeypatch


def test_good_settings_are_read_and_the_public_url_loses_its_last_slash(
    environment: pytest.MonkeyPatch,
) -> None:
    settings = load(Settings)

    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.oidc_issuer == "http://127.0.0.1:8090/"  # as tokens name it


def test_an_empty_setting_is_one_that_is_not_given(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("BOOKWITH_OTLP_ENDPOINT", "")
    environment.setenv("BOOKWITH_LOG_LEVEL", "")
    assert load(Settings).log_level == "info"
    environment.setenv("BOOKWITH_PUBLIC_URL", "")
    with pytest.raises(SystemExit):
        load(Settings)

    assert "BOOKWITH_PUBLIC_URL is missing" in capsys.readouterr().err


def test_without_an_audience_the_service_starts_only_when_that_is_said(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.delenv("BOOKWITH_OIDC_AUDIENCE")
    environment.setenv("BOOKWITH_OIDC_ANY_AUDIENCE", "true")

    assert load(Settings).oidc_audience is None


@pytest.mark.parametrize("name", list(GOOD))
def test_a_missing_setting_is_named(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    environment.delenv(f"BOOKWITH_{name}")
    with pytest.raises(SystemExit) as stopped:
        load(Settings)

    assert stopped.value.code == 2
    assert f"BOOKWITH_{name} is missing; it should be: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://somewhere"),
        ("KAFKA_BOOTSTRAP_SERVERS", "no port"),
        ("PUBLIC_URL", "127.0.0.1"),
        ("HTTP_PORT", "eighty"),
        ("ORGANIZATION_NAMESPACE", "acme"),
        ("ENVIRONMENT", "staging"),
        ("DATABASE_URL", "postgresql://a@host:5432:5433/name?nothing=1"),
        ("OIDC_ISSUER", "acme.example"),
        ("TOKEN_KEYS", "1:x"),
        ("TOKEN_KEYS", "1:" + "A" * 20),
        ("TOKEN_KEYS", "first:" + "A" * 43),
        ("TOKEN_KEYS", "256:" + "A" * 43),
        ("TOKEN_KEYS", "1:" + "A" * 43 + ",1:" + "B" * 43),
        ("TOKEN_KEYS", "1:" + "A" * 43 + ","),
        ("CRASH_FILE", "/tmp/crash"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    environment.setenv(f"BOOKWITH_{name}", value)
    with pytest.raises(SystemExit):
        load(Settings)

    said = capsys.readouterr().err
    assert f"BOOKWITH_{name} is wrong" in said
    assert "A" * 20 not in said  # a key is not printed


def test_two_settings_that_contradict_each_other_are_refused(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("BOOKWITH_OIDC_ANY_AUDIENCE", "true")
    with pytest.raises(SystemExit):
        load(Settings)

    said = capsys.readouterr().err
    assert "BOOKWITH_OIDC_AUDIENCE is wrong (BOOKWITH_OIDC_ANY_AUDIENCE is true)" in said


def test_a_token_key_does_not_show_when_settings_are_printed(
    environment: pytest.MonkeyPatch,
) -> None:
    assert "A" * 43 not in repr(load(Settings))
