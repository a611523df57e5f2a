"""What the ``hotro`` commands do, one module for each."""
