"""The report as one page that can be looked at, offline: pictures, maps, curves, decisions."""

from ssimgif.html_report.data import page_data
from ssimgif.html_report.page import asset, page_html

__all__ = ["asset", "page_data", "page_html"]
