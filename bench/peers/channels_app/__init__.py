"""The Django Channels peer: what a team would build with it for the same work.

Served by uvicorn, which carries twice as many echoes a second as daphne does.
"""
