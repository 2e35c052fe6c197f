"""The systems samepic speaks to: one module for each kind. `base.py` is the contract."""
