"""Training of the three networks; needs ``pip install 'ssimgif[train]'``.

Nothing outside this package imports it, and nothing outside it imports torch.
"""
