"""A third-party connector for samepic."""
