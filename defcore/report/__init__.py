"""A scorecard and its result, rendered: one module a format, each a function of the same three values.

`text`, `json`, `markdown`, `junit` and `html` take the Scorecard, the Result and an evidence loader. Everything
that a cloud or a stranger's file may have written passes `inert` on its way to the reader.
"""
