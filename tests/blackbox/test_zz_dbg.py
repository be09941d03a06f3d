import sys; sys.path.insert(0,'/work/main/tests/blackbox'); 
from harness.person import Person
from harness.fixtures import PASSWORD
def test_x(shared_site):
    p=Person(shared_site)
    a=p.browser.post("/auth/login/", data={"email": p.email, "password": PASSWORD}); print(a.status_code,a.headers)
    a=p.browser.get("/compose/"); print(a.status_code,a.headers,a.text[:1500]); assert 0
