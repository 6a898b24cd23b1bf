"""A cache for swift's proxy in the memory of its one process; swift itself knows only memcached."""

import json
import time


class Cache:
    def __init__(self):
        self.values = {}

    def get(self, key, raise_on_error=False):
        text, end = self.values.get(key, (None, 0))
        if text is None or 0 < end < time.time():
            self.values.pop(key, None)
            return None
        return json.loads(text)

    def set(self, key, value, serialize=True, time=0, min_compress_len=0, raise_on_error=False):
        self.values[key] = (json.dumps(value), end_of(time))

    def incr(self, key, delta=1, time=0):
        value = max(0, int(self.get(key) or 0) + int(delta))
        self.set(key, value, time=time)
        return value

    def decr(self, key, delta=1, time=0):
        return self.incr(key, -delta, time)

    def delete(self, key, server_key=None):
        self.values.pop(key, None)

    def set_multi(self, mapping, server_key, serialize=True, time=0, min_compress_len=0):
        for key, value in mapping.items():
            self.set(key, value, time=time)

    def get_multi(self, keys, server_key):
        return [self.get(key) for key in keys]


def end_of(seconds):
    """When a value that is to live for `seconds` ends; 0 means never."""
    return time.time() + seconds if seconds else 0


def filter_factory(global_conf, **local_conf):
    cache = Cache()

    def factory(app):
        def with_cache(environ, start_response):
            environ["swift.cache"] = cache
            return app(environ, start_response)

        return with_cache

    return factory
