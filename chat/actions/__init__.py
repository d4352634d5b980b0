"""Every write to the chat goes through here; nobody else writes.

What a person asks for is checked, stored, and after the commit announced through `chat.fanout`.
Refusals are `chat.errors.ChatError`s.
"""
