"""The report as one page that can be looked at, offline: pictures, maps, curves, decisions."""

from ssimgif.html_report.data import page_data
from ssimgif.html_report.page import page_asset, page_html

__all__ = ["page_asset", "page_data", "page_html"]
