import sys; sys.path.insert(0,'/work/main/tests/peers')
from test_snac import *
from test_snac import ours, snac, kea, weka, friends
import httpx, time, json
from harness import lab
def test_dbg(ours, friends, weka, kea):
    key = keys.new()
    path = friends.data / "user" / "tara" / "key.json"
    print("old", path.read_text()[:200])
    path.write_text(json.dumps({"secret": keys.private_pem(key), "public": keys.public_pem(key)}))
    print("served", httpx.get(friends.id(), headers={"Accept":"application/activity+json"}, verify=lab.client_context()).json()["publicKey"])
    print("new", keys.public_pem(key))
    posted, came = post_of, None
    p = kea.write("Ours: boost")
    friends.do("note", "tara", "Theirs: boost")
    time.sleep(8)
    print(friends.log()[-6000:])
    print(ours.site.sql("select key_uri, fetched, encode(public_der,'base64') from public_keys where key_uri like '%%snac%%'"), ours.site.sql("select now()"))
    print(ours.site.server.log()[-3000:])
    assert 0
