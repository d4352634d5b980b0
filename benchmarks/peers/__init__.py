"""The servers that Chatsite is measured beside."""
