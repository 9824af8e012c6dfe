"""The bus between processes, without a Redis."""

from clients.redis import QUEUE, RedisBus


def test_no_more_waits_for_redis_than_may_wait() -> None:
    dropped: list[int] = []
    bus = RedisBus("redis://127.0.0.1:1/0", "", lambda _channel, _payload: None, lambda: None, dropped.append)
    for _ in range(QUEUE):
        bus.publish("user:1", b"")
    assert not dropped
    for _ in range(3):
        bus.publish("user:1", b"")
    assert (sum(dropped), len(bus._queue)) == (3, QUEUE)
