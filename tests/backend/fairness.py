"""The queue between tenants: nobody starves, and limits of tenants and users."""
import time

from driver import Driver, check, cpu_seconds


def names(driver, count):
    """The next answers, in their order."""
    return [driver.next().split(" ")[0] for _ in range(count)]


def test_a_flood_does_not_starve(cluster):
    """One tenant asks for fifty, another then for three: it gets its turn each time that a server is free."""
    with Driver(cluster.port, size=2, workers=2) as driver:
        for i in range(50):
            driver.tell(f"acquire {i % 2} flood.f.{i}")
        holders = names(driver, 2)
        check(driver.until(waiting=48), "queued")
        for i in range(3):
            driver.tell(f"acquire 0 small.s.{i}")
        check(driver.until(waiting=51), "queued, too")
        served = []
        for _ in range(10):
            holder = holders.pop(0)
            driver.tell(f"release {holder}")
            got = [driver.next(), driver.next()]
            check(f"{holder} released" in got, got)
            new = [answer.split(" ")[0] for answer in got if " lent " in answer][0]
            served.append(new)
            holders.append(new)
        check(served[0].startswith("small"), served)
        check([name for name in served if name.startswith("small")] == ["small.s.0", "small.s.1", "small.s.2"], served)
        check(max(i for i, name in enumerate(served) if name.startswith("small")) <= 5, served)


def test_as_many_each(cluster):
    """Three tenants with long queues get the servers evenly, in the order of each."""
    with Driver(cluster.port, size=3) as driver:
        for i in range(12):
            for tenant in ("a", "b", "c"):
                driver.tell(f"acquire 0 {tenant}.u.{i}")
        holders = names(driver, 3)
        served = list(holders)
        check(driver.until(waiting=33), "queued")
        for _ in range(30):
            holder = holders.pop(0)
            driver.tell(f"release {holder}")
            got = [driver.next(), driver.next()]
            new = [answer.split(" ")[0] for answer in got if " lent " in answer][0]
            served.append(new)
            holders.append(new)
            in_use = [name[0] for name in holders]
            check(max(in_use.count(t) for t in "abc") <= 2, in_use)
        for tenant in "abc":
            own = [name for name in served if name.startswith(tenant + ".")]
            check(own == sorted(own, key=lambda name: int(name.split(".")[2])) and len(own) >= 9, own)


def test_concurrent(cluster):
    """A tenant has its share and no more, though servers are unused; others are not held up; it gets the next when it gives one back."""
    with Driver(cluster.port, size=5, queue_ms=5000, more=["concurrent=2"]) as driver:
        for i in range(4):
            driver.tell(f"acquire 0 big.u.{i}")
        check(names(driver, 2) == ["big.u.0", "big.u.1"], "two")
        check(driver.ask("acquire 0 other.u.0").startswith("other.u.0 lent"), "others go by")
        check(driver.stats()["lent"] == 3 and driver.stats()["opened"] == 3, driver.stats())
        driver.tell("release big.u.0")
        got = {driver.next(), driver.next()}
        check(any(answer.startswith("big.u.2 lent") for answer in got), got)
        answer = driver.next()
        check(answer == 'big.u.3 fault 53400 too many statements and transactions of tenant "big" use backend "aurora"', answer)


def test_concurrent_of_a_user(cluster):
    with Driver(cluster.port, size=5, queue_ms=4000, more=["user_concurrent=1"]) as driver:
        check(driver.ask("acquire 0 t.ann.0").startswith("t.ann.0 lent"), "lent")
        driver.tell("acquire 0 t.ann.1")
        check(driver.ask("acquire 0 t.bob.0").startswith("t.bob.0 lent"), "another user of the tenant goes by")
        answer = driver.next()
        check(answer == 't.ann.1 fault 53400 too many statements and transactions of user "ann" use backend "aurora"', answer)


def test_queue_length_and_wait(cluster):
    with Driver(cluster.port, size=1, queue_ms=20000, more=["queue=2", "wait=4000"]) as driver:
        check(driver.ask("acquire 0 t.u.0").startswith("t.u.0 lent"), "lent")
        begun = time.monotonic()
        for i in range(1, 4):
            driver.tell(f"acquire 0 t.u.{i}")
        answer = driver.next()
        check(answer == 't.u.3 fault 53400 too many statements of tenant "t" wait for backend "aurora"', answer)
        check(time.monotonic() - begun < 3.5, "at once")
        driver.tell("acquire 0 s.u.0")
        answers = [driver.next() for _ in range(3)]
        check({answer.split(" ")[0] for answer in answers} == {"t.u.1", "t.u.2", "s.u.0"}, "the others when their time is up")
        check(all(answer.split(" ", 1)[1].startswith("fault 53400 a statement of tenant") for answer in answers), answers)
        check(3.5 < time.monotonic() - begun < 16, "in time")


def test_a_waiter_that_goes_away(cluster):
    with Driver(cluster.port, size=1, more=["concurrent=1"]) as driver:
        driver.ask("acquire 0 t.u.0")
        driver.tell("acquire 0 t.u.1")
        check(driver.until(waiting=1), "waits")
        check(driver.ask("drop t.u.1") == "t.u.1 dropped", "gone")
        driver.ask("release t.u.0")
        check(driver.ask("acquire 0 t.v.0").startswith("t.v.0 lent"), "its place is free")


def test_waiting_for_the_own_limit_costs_nothing(cluster):
    """A user at its limit has one statement more: no server is opened for that, and workers with idle ones do not ask each other for ever."""
    with Driver(cluster.port, workers=2, size=6, queue_ms=30000, more=["user_concurrent=1"]) as driver:
        for name in ("t.v.1", "t.w.1"):
            check(driver.ask(f"acquire 1 {name}").startswith(f"{name} lent"), name)
        check(driver.ask("acquire 0 t.u.1").startswith("t.u.1 lent"), "within its limit")
        check(driver.ask("acquire 0 t.x.1").startswith("t.x.1 lent"), "another user")
        for name in ("t.v.1", "t.w.1", "t.x.1"):
            driver.ask(f"release {name}")
        driver.tell("acquire 0 t.u.2")
        driver.until(waiting=1)
        used = cpu_seconds(driver.process)
        time.sleep(1.5)
        used = cpu_seconds(driver.process) - used
        check(used < 0.3, f"{used} s of work for waiting")
        check(driver.stats()["opened"] == 4, driver.stats())
        driver.tell("release t.u.1")
        check({driver.next().split()[1], driver.next().split()[1]} == {"released", "lent"}, "and then it is its turn")
