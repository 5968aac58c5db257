"""What a model is told of earlier: the window of a history, summaries, and facts about a person."""
