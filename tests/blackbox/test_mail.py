# SPDX-License-Identifier: AGPL-3.0-or-later
"""Letters: they come to the mail server once, whole, from whom they say, and say nothing that was smuggled in."""

import pytest

from harness import lab, work
from harness.api import Api, token_for
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.mail import MailServer
from harness.wait import wait_for

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")
USER = "ruru@example.org"


@pytest.fixture
def mail_servers():
    """Makes mail servers: mail_servers(tls="smtps", users={"ann": "secret"})."""
    made = []

    def make(**more):
        made.append(MailServer(**more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def queue(site, domain="kea.test", kind="password_changed", address=USER, name="", body=""):
    return site.value("insert into mails (domain_id, kind, user_id, address, name, body, message_key) "
                      "select id, %s, (select id from users where email = %s), %s, %s, %s, 'key' || id || '-' || %s "
                      "from domains where name = %s returning id", kind, USER, address, name, body, kind, domain)


def state(site, mail):
    return site.value("select state from mails where id = %s", mail)


@pytest.mark.parametrize("tls", [None, "starttls", "smtps"])
def test_a_letter_comes_over_each_kind_of_connection(site, mail_servers, tls):
    users = {"ann": "a secret: with words"} if tls else None
    server = mail_servers(tls=tls, users=users)
    server.use(site, smtp_user="ann" if users else "", smtp_password=users["ann"] if users else "")
    mail = queue(site)
    site.stator.drain()
    [letter] = server.take()
    assert state(site, mail) == "sent"
    assert letter.to == USER and letter.recipients == [USER]
    assert letter.origin == ("kea.test", "rookery@mail.test") and letter.sender == "rookery@mail.test"
    assert letter.id.endswith("@kea.test>")
    assert "password" in letter.subject.lower() and "kea.test" in letter.text
    assert letter.link("/auth/reset/") == "https://kea.test/auth/reset/"
    assert "{" not in letter.text and "font" not in letter.text


@pytest.mark.parametrize("fault", ["authority", "name", "password", "no STARTTLS"])
def test_nothing_is_sent_where_the_connection_is_not_what_it_should_be(site, mail_servers, fault):
    tls = None if fault == "no STARTTLS" else "smtps"
    server = mail_servers(tls=tls, users={"ann": "right"} if fault == "password" else None,
                          certified="peer31.test" if fault == "name" else None)
    more = {"smtp_user": "ann", "smtp_password": "wrong"} if fault == "password" else {}
    server.use(site, **more)
    if fault == "authority":
        site.options["ca_file"] = str(lab.certificate("peer31.test")[0])
    if fault == "no STARTTLS":
        site.options["smtp_server"] = server.url.replace("smtp+plain", "smtp")
    mail = queue(site)
    site.stator.drain()
    assert server.letters == [] and state(site, mail) == "waiting"
    assert site.value("select state_error from mails where id = %s", mail)
    assert server.refused_logins == (fault == "password")


def test_what_the_server_says_decides(site, mail_servers):
    server = mail_servers()
    server.use(site)
    server.answers[:] = ["451 later"]
    mail = queue(site)
    site.stator.drain()
    assert state(site, mail) == "waiting" and "later" in site.value("select state_error from mails where id = %s", mail)
    site.sql("update mails set state_next_attempt = now()")
    site.stator.drain()
    [letter] = server.take()
    assert state(site, mail) == "sent"
    server.answers[:] = ["550 nobody here"]
    refused = queue(site)
    site.stator.drain()
    assert state(site, refused) == "refused"
    listed = site.rookery("mail", "list", "--state=refused")["mails"]
    assert [one["id"] for one in listed] == [refused] and listed[0]["to"] == USER
    site.rookery("mail", "retry", refused)
    site.stator.drain()
    [again] = server.take()
    assert again.id == letter.id  # the key of this test's rows is the same


def test_a_stator_that_is_killed_sends_no_letter_twice(site, mail_servers):
    """With a courier: it takes the letter to its end, and the next stator finds what came of it."""
    server = mail_servers()
    server.use(site)
    site.stator.start_courier()
    for _ in range(3):
        daemon = site.stator.start()
        mail = queue(site)
        wait_for(lambda: server.letters, what="a letter")
        daemon.kill()
        site.sql("update mails set state_next_attempt = now(), state_locked_by = null where state = 'waiting'")
        site.stator.drain()
        server.take()
        assert state(site, mail) == "sent"


ATTACKS = ["x\r\nBcc: everybody@example.org", "x\nSubject: mine", "\r\n\r\nbody", 'a" <evil@example.org>, "b',
           "=?utf-8?B?Qmxh?=", "Ünïcödé " * 30, "𝔘𝔫𝔦 <b>bold</b> & \t tab", "a" * 400, "кириллица@example.org", "‮evil"]


def test_nothing_comes_into_a_letter_that_does_not_belong(site, mail_servers):
    """Names of the community, of people, and what staff writes, go where they belong and stay what they are."""
    server = mail_servers()
    server.use(site)
    for attack in ATTACKS:
        site.sql("update domains set title = %s where name = 'kea.test'", attack)
        site.restart()
        queue(site, kind="warning", name="silence", body=attack + "\n.\nend")
        site.stator.drain()
        [letter] = server.take()
        assert set(letter.parsed.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
                                             "Content-Language", "MIME-Version", "Content-Type"}
        assert letter.recipients == [USER]
        name, address = letter.origin
        assert address == "rookery@mail.test"
        assert name.split() == attack.replace("\r", " ").split()
        assert letter.subject.split() == f"A decision about your account at {attack}".split()
        assert "<b>bold" not in letter.markup and "end" in letter.text


def test_an_address_that_could_not_stand_in_a_header_is_refused(site, mail_servers):
    server = mail_servers()
    server.use(site)
    mails = [queue(site, address=address) for address in
             ("a@example.org\r\nBcc: b@example.org", "a@example.org>, <b@example.org", "a b@example.org")]
    site.stator.drain()
    assert [state(site, mail) for mail in mails] == ["refused"] * 3
    assert server.letters == []


def test_each_tenant_writes_in_its_own_name(site, mail_servers):
    server = mail_servers()
    server.use(site)
    site.rookery("domain", "set", "weka.test", "mail_name", "The Weka Team")
    site.rookery("domain", "set", "weka.test", "mail_from", "post@weka.test")
    site.rookery("domain", "set", "weka.test", "contact_email", "people@weka.test")
    assert site.run("rookery", "domain", "set", "weka.test", "mail_from", "post@kea.test").returncode != 0
    for domain in ("kea.test", "weka.test"):
        queue(site, domain=domain)
        site.stator.drain()
    kea, weka = server.take(2)
    assert kea.origin == ("kea.test", "rookery@mail.test") and kea.parsed["Reply-To"] is None
    assert weka.origin == ("The Weka Team", "post@weka.test") and weka.sender == "post@weka.test"
    assert str(weka.parsed["Reply-To"]) == "people@weka.test"
    assert "kea" not in weka.text and weka.link("/auth/reset/").startswith("https://weka.test/")


def test_the_operator_tries_it(site, mail_servers):
    assert site.run("rookery", "mail", "test", USER).returncode == 1
    assert "no letters" in site.run("rookery", "doctor").stdout
    server = mail_servers()
    server.use(site)
    said = site.rookery("mail", "test", USER, "--domain=weka.test")
    assert said["taken"] and said["status"] == 250
    [letter] = server.take()
    assert letter.origin[0] == "weka.test" and said["message_id"] in letter.id
    server.answers[:] = ["554 no"]
    said = site.run("rookery", "mail", "test", USER, "--json")
    assert said.returncode == 1 and '"status":554' in said.stdout.replace(" ", "")


def test_staffs_decisions_are_told(site, mail_servers):
    """Somebody is let in, is warned, is not let in: each hears of it."""
    server = mail_servers()
    server.use(site)
    site.rookery("user", "grant", USER, "admin", "kea.test")
    staff = Api(site, "kea.test", token=token_for(site, "ruru@kea.test"))
    [toroa] = [one["id"] for one in staff.get("/api/v1/admin/accounts") if one["username"] == "toroa"]
    staff.post(f"/api/v1/admin/accounts/{toroa}/action", type="silence", text="Be quiet <b>now</b>\nplease")
    site.stator.drain()
    [letter] = server.take()
    assert letter.to == "toroa@example.org" and "limited your account" in letter.text
    assert "Be quiet <b>now</b>\nplease" in letter.text and "Be quiet &lt;b&gt;now" in letter.markup
    for verb, words in (("approve", "let you in"), ("reject", "did not let you in")):
        site.sql("update identity_limits set pending = now()")
        staff.post(f"/api/v1/admin/accounts/{toroa}/{verb}")
        site.stator.drain()
        [letter] = server.take()
        assert letter.to == "toroa@example.org" and words in letter.text


KINDS = ("test", "taken", "password_changed", "address_changed", "log_in", "approved", "rejected", "warning",
         "appeal_accepted", "appeal_rejected", "report_answered", "report_received", "trouble")


def test_every_kind_of_letter_is_whole(site, mail_servers):
    server = mail_servers()
    server.use(site)
    for kind in KINDS:
        queue(site, kind=kind, name="a name", body="a text\n\nof two paragraphs")
    for kind in ("confirm", "reset", "change", "notifications", "unheard of"):
        queue(site, kind=kind)
    site.stator.drain()
    letters = server.take(len(KINDS))
    assert len({letter.subject for letter in letters}) == len(KINDS) - 1  # an appeal has two ends
    for letter in letters:
        assert "kea.test" in letter.text and "{" not in letter.text and "<" not in letter.text
    # What tells of something that is not there is not sent.
    assert site.value("select count(*) from mails where state = 'dropped'") == 5


def test_letters_are_forgotten(site, mail_servers):
    server = mail_servers()
    server.use(site)
    mail = queue(site, body="words")
    site.stator.drain()
    server.take()
    assert site.value("select body || secret from mails where id = %s", mail) == ""
    server.answers[:] = ["550 no"]
    refused = queue(site)
    site.stator.drain()
    for days, left in ((0, {mail, refused}), (2, {refused}), (31, set())):
        site.sql("update mails set state_changed = now() - make_interval(days => %s)", days)
        site.stator.drain()
        assert {row["id"] for row in site.sql("select id from mails")} == left


def test_a_server_that_is_away_gets_its_letters_later(site, mail_servers):
    server = mail_servers()
    server.use(site)
    site.options["smtp_server"] = server.url.replace(str(server.port), "2499")
    mail = queue(site)
    site.stator.drain()
    assert state(site, mail) == "waiting" and site.value("select state_next_attempt > now() from mails")
    site.options["smtp_server"] = server.url
    site.sql("update mails set state_next_attempt = now()")
    site.stator.drain()
    server.take()
    late = queue(site)
    site.sql("update mails set state_changed = now() - interval '4 days', "
             "state_next_attempt = now() + interval '1 hour'")
    site.stator.drain()
    assert state(site, late) == "failed" and server.letters == []


def test_what_staff_answers_is_told(site, mail_servers):
    """An answer to who reported, a notice of somebody without an account, an appeal."""
    server = mail_servers()
    server.use(site)
    site.rookery("user", "grant", USER, "owner", "kea.test")
    owner = Browser(site, "kea.test")
    owner.log_in(USER, PASSWORD)
    ruru, toroa = (work.identity(site, f"{name}@kea.test")["id"] for name in ("ruru", "toroa"))
    report = Api(site, "toroa@kea.test").post("/api/v1/reports", account_id=str(ruru), comment="loud")["id"]
    owner.get(f"/staff/reports/{report}/").form("answer/").press(answer="Thank you.\nIt is quiet now.")
    site.stator.drain()
    [letter] = server.take()
    assert letter.to == "toroa@example.org" and "Thank you.\nIt is quiet now." in letter.text
    assert "@ruru@kea.test" in letter.text
    fields = {"addresses": "https://kea.test/@toroa/", "name": "Ann", "email": "ann@example.net", "comment": "mine",
              "good_faith": "1"}
    number = Browser(site, "kea.test").get("/notice/").form("notice/").press(**fields).url.split("done=")[1]
    site.stator.drain()
    [letter] = server.take()
    assert letter.to == "ann@example.net" and number in letter.text
    owner.get(f"/staff/reports/{number}/").form("answer/").press(answer="It is gone.")
    site.stator.drain()
    [letter] = server.take()
    assert letter.to == "ann@example.net" and "It is gone." in letter.text
    site.sql("insert into warnings (domain_id, identity_id, action, text) select domain_id, id, 'none', 'w' "
             "from identities where id = %s", toroa)
    member = Browser(site, "kea.test")
    member.log_in("toroa@example.org", PASSWORD)
    [form] = [one for one in member.get("/settings/strikes/").forms if one.action.startswith("/settings/strikes/")]
    form.press(text="I was not.")
    strike = form.action.split("/")[3]
    owner.get("/staff/appeals/").form(f"appeals/{strike}/").press("accept")
    site.stator.drain()
    [letter] = server.take()
    assert letter.to == "toroa@example.org" and "taken back" in letter.text


WORDS = {"de": ("Warst du das?", "Ihn hat eine Maschine geschrieben"), "fr": ("Était-ce toi", "écrit par une machine"),
         "es": ("¿Fuiste tú?", "Lo escribió una máquina"), "en": ("Was that you?", "written by a machine")}


def test_a_letter_comes_in_the_language_of_who_gets_it(site, mail_servers):
    """What they chose for pages, else what the community speaks, else English: subject, markup and plain text."""
    server = mail_servers()
    server.use(site)
    said = {}
    for chosen, spoken, expected in (("de", "fr", "de"), ("fr-CA", "de", "fr"), ("", "es en", "es"), ("xx", "de", "de"),
                                     ("en", "de", "en"), ("", "nl", "en")):
        site.sql("update users set language = %s where email = %s", chosen, USER)
        site.rookery("domain", "set", "kea.test", "languages", spoken)
        site.stator.drain()
        queue(site, kind="log_in")
        site.stator.drain()
        [letter] = server.take()
        heading, foot = WORDS[expected]
        assert letter.parsed["Content-Language"] == expected and f'<html lang="{expected}"' in letter.markup
        assert heading in letter.text and foot in letter.text and foot in letter.markup
        said[expected] = letter.subject
    assert len(set(said.values())) == len(WORDS)


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_every_kind_of_letter_is_translated(site, mail_servers, language):
    """In the same way as in English, and with the same values."""
    server = mail_servers()
    server.use(site)
    for chosen in ("en", language):
        site.sql("update users set language = %s where email = %s", chosen, USER)
        for kind in KINDS:
            queue(site, kind=kind, name="a name", body="a text")
        site.stator.drain()
    letters = server.take(2 * len(KINDS))
    english, others = ([one for one in letters if one.parsed["Content-Language"] == code] for code in ("en", language))
    assert len(english) == len(others) == len(KINDS)
    assert not {one.subject for one in english} & {one.subject for one in others}
    said = {line for one in english for line in one.text.splitlines() if " " in line and "http" not in line}
    assert said & {line for one in others for line in one.text.splitlines()} <= {"a text", "a name"}
    for one in others:
        assert "kea.test" in one.text and "{" not in one.text and "kea.test" in one.subject


def test_somebody_without_an_account_is_written_to_as_the_community_speaks(site, mail_servers):
    server = mail_servers()
    server.use(site)
    site.rookery("domain", "set", "kea.test", "languages", "fr de")
    fields = {"addresses": "https://kea.test/@toroa/", "name": "Ann", "email": "ann@example.net", "comment": "mine",
              "good_faith": "1"}
    Browser(site, "kea.test").get("/notice/").form("notice/").press(**fields)
    site.stator.drain()
    [letter] = server.take()
    assert letter.to == "ann@example.net" and letter.parsed["Content-Language"] == "fr"
    assert "Ta notification est arrivée" in letter.text
