"""What a delivered message costs: Chatsite beside its peers, on one machine, in one run."""
