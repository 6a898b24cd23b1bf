"""Stands in for the package of this name, which exists only as source; the cloud installs wheels alone.

WSME, which glance uses, imports `generic` from it: functions that choose their body by the first argument,
either that very object or its type.
"""


def generic(default):
    """Turn `default` into a function with `when_object` and `when_type` to add other bodies."""
    by_object, by_type = {}, {}

    def find(first):
        if id(first) in by_object:
            return by_object[id(first)][1]
        found = (by_type[kind] for kind in type(first).__mro__ if kind in by_type)
        return next(found, default)

    def dispatch(first, *args, **kwargs):
        return find(first)(first, *args, **kwargs)

    def when_object(*objects):
        def add(body):
            # The object is kept beside its body, so that its id is never given to another.
            by_object.update((id(one), (one, body)) for one in objects)
            return body

        return add

    def when_type(*types):
        def add(body):
            by_type.update(dict.fromkeys(types, body))
            return body

        return add

    dispatch.__name__, dispatch.__doc__ = default.__name__, default.__doc__
    dispatch.when_object, dispatch.when_type, dispatch.default = when_object, when_type, default
    return dispatch
