from harness import activity
def test_x(shared_site, peers):
    site=shared_site
    ana=peers("peer1.test",tls=True).actor("ana")
    assert ana.send(site,"https://kea.test/inbox/",activity.follow(ana,"https://kea.test/@ruru@kea.test/")).status_code==202
    import time; t=time.time()
    d=site.stator.drain(); print(time.time()-t); print(d.stderr[-6000:])
    for t in "follows inbox_messages deliveries".split(): print(site.sql("select * from "+t))
    assert 0
