"""The chat of the Channels tutorial, part 3: asynchronous, one group, nothing stored."""
