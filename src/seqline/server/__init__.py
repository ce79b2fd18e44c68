"""Translation over HTTP, by whichever version is champion."""
