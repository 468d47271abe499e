"""The report as one page that can be looked at, offline: pictures, maps, curves, decisions."""

from ssimgif.html_report.data import comparison_data, page_data
from ssimgif.html_report.judged import judged
from ssimgif.html_report.page import page_asset, page_html

__all__ = ["comparison_data", "judged", "page_asset", "page_data", "page_html"]
