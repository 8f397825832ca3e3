"""How the window looks: colours and the style sheet, in one place."""

from __future__ import annotations

from PySide6.QtCore import QDir, QTemporaryDir
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ctc.viewer.palette import BACKGROUND_OUTER, FAINT_TEXT, TEXT
from ctc.viewer.window.icons import icon

GROUND = "#0d131c"
PANEL = "#131b27"
RAISED = "#1c2737"
EDGE = "#27354a"
ACCENT = "#4aa8ff"
ACCENT_DARK = "#1d4e80"
WARNING = "#ffb454"
FIELD = "#0b1018"

_SHEET = f"""
* {{ outline: none; }}
QMainWindow, QDialog {{ background: {GROUND}; color: {TEXT}; }}
QWidget {{ color: {TEXT}; }}
QWidget#panel, QScrollArea, QScrollArea > QWidget > QWidget, QTabWidget::pane
  {{ background: {PANEL}; border: none; }}
QWidget#stage {{ background: {BACKGROUND_OUTER}; }}
QWidget#timeline {{ background: {PANEL}; border-top: 1px solid {EDGE}; }}
QMenuBar {{ background: {GROUND}; padding: 2px 6px; }}
QMenuBar::item {{ padding: 5px 10px; border-radius: 5px; background: transparent; }}
QMenuBar::item:selected {{ background: {RAISED}; }}
QMenu {{ background: {RAISED}; border: 1px solid {EDGE}; border-radius: 6px; padding: 5px; }}
QMenu::item {{ padding: 6px 26px 6px 14px; border-radius: 4px; }}
QMenu::item:selected {{ background: {ACCENT_DARK}; }}
QMenu::item:disabled {{ color: {FAINT_TEXT}; }}
QMenu::separator {{ height: 1px; background: {EDGE}; margin: 5px 8px; }}
QDockWidget {{ color: {FAINT_TEXT}; border: none; }}
QMainWindow::separator {{ background: {EDGE}; width: 1px; height: 1px; }}
QMainWindow::separator:hover {{ background: {ACCENT}; }}
QLabel#heading {{ color: {FAINT_TEXT}; font-weight: 600; letter-spacing: 1px; padding: 2px 0; }}
QLabel#faint, QLabel#faint a {{ color: {FAINT_TEXT}; }}
QLabel#title {{ font-size: 15px; font-weight: 600; }}
QFrame#rule {{ background: {EDGE}; max-height: 1px; border: none; }}
QPushButton, QToolButton, QComboBox, QLineEdit
  {{ background: {RAISED}; border: 1px solid {EDGE}; border-radius: 6px; padding: 5px 9px;
     min-height: 18px; }}
QToolButton {{ padding: 5px; }}
QPushButton:hover, QToolButton:hover, QComboBox:hover {{ border-color: {ACCENT}; }}
QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus
  {{ border-color: {ACCENT}; }}
QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked
  {{ background: {ACCENT_DARK}; border-color: {ACCENT}; }}
QPushButton:disabled, QToolButton:disabled, QComboBox:disabled
  {{ color: #5c6f8a; background: {PANEL}; border-color: {RAISED}; }}
QPushButton#link {{ background: transparent; border: none; color: {ACCENT}; padding: 0 2px;
  min-height: 0; }}
QPushButton#link:hover {{ color: {TEXT}; }}
QToolButton#play {{ background: {ACCENT_DARK}; border-color: {ACCENT_DARK}; border-radius: 17px;
  min-width: 22px; min-height: 22px; }}
QToolButton#play:hover {{ border-color: {ACCENT}; }}
QLineEdit {{ background: {FIELD}; selection-background-color: {ACCENT_DARK}; }}
QLineEdit[wrong="true"] {{ border-color: {WARNING}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url(signs:down.png); width: 14px; height: 14px; }}
QComboBox::down-arrow:disabled {{ image: none; }}
QComboBox QAbstractItemView {{ background: {RAISED}; border: 1px solid {EDGE};
  selection-background-color: {ACCENT_DARK}; }}
QTreeWidget, QListWidget, QTableWidget {{ background: transparent; border: none;
  alternate-background-color: {PANEL}; }}
QTreeWidget::item, QListWidget::item {{ padding: 2px 0; border-radius: 4px; }}
QTreeWidget::item:hover, QListWidget::item:hover {{ background: {RAISED}; }}
QTreeWidget::item:selected, QListWidget::item:selected {{ background: {RAISED}; color: {TEXT}; }}
QCheckBox {{ spacing: 7px; }}
QCheckBox::indicator, QTreeWidget::indicator, QListWidget::indicator
  {{ width: 13px; height: 13px; border: 1px solid #44566f; border-radius: 4px;
     background: {FIELD}; }}
QCheckBox::indicator:checked, QTreeWidget::indicator:checked, QListWidget::indicator:checked
  {{ background: {ACCENT}; border-color: {ACCENT}; image: url(signs:tick.png); }}
QTreeWidget::indicator:indeterminate {{ background: {ACCENT_DARK}; border-color: {ACCENT}; }}
QCheckBox::indicator:hover {{ border-color: {ACCENT}; }}
QSlider::groove:horizontal {{ height: 4px; background: {EDGE}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {ACCENT_DARK}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 14px; margin: -5px 0; border-radius: 7px;
  background: {TEXT}; }}
QSlider::handle:horizontal:hover {{ background: {ACCENT}; }}
QSlider::handle:horizontal:disabled {{ background: {EDGE}; }}
QScrollBar:vertical {{ background: transparent; width: 9px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 9px; margin: 0; }}
QScrollBar::handle {{ background: {EDGE}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: #3d5270; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page
  {{ background: transparent; border: none; height: 0; width: 0; }}
QTabBar::tab {{ background: transparent; color: {FAINT_TEXT}; padding: 7px 12px;
  border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {TEXT}; border-bottom-color: {ACCENT}; }}
QTabBar::tab:hover {{ color: {TEXT}; }}
QStatusBar {{ background: {GROUND}; color: {FAINT_TEXT}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {FAINT_TEXT}; padding: 0 8px; }}
QLabel#warning {{ color: {WARNING}; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {EDGE}; padding: 4px 6px; }}
QProgressBar {{ background: {FIELD}; border: 1px solid {EDGE}; border-radius: 5px;
  text-align: center; }}
QProgressBar::chunk {{ background: {ACCENT_DARK}; border-radius: 4px; }}
"""

_FOLDERS: list[QTemporaryDir] = []


def apply_style(application: QApplication) -> None:
    """Make an application dark, in the font of the system."""
    application.setStyle("Fusion")
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, PANEL),
        (QPalette.ColorRole.Base, FIELD),
        (QPalette.ColorRole.AlternateBase, PANEL),
        (QPalette.ColorRole.Button, RAISED),
        (QPalette.ColorRole.WindowText, TEXT),
        (QPalette.ColorRole.Text, TEXT),
        (QPalette.ColorRole.ButtonText, TEXT),
        (QPalette.ColorRole.PlaceholderText, FAINT_TEXT),
        (QPalette.ColorRole.ToolTipBase, RAISED),
        (QPalette.ColorRole.ToolTipText, TEXT),
        (QPalette.ColorRole.Highlight, ACCENT_DARK),
        (QPalette.ColorRole.HighlightedText, TEXT),
        (QPalette.ColorRole.Link, ACCENT),
    ):
        palette.setColor(role, QColor(colour))
    application.setPalette(palette)
    # A style sheet takes signs from files only; they last as long as the application.
    folder = QTemporaryDir()
    for name, colour in (("tick", GROUND), ("down", FAINT_TEXT)):
        icon(name, colour).pixmap(56, 56).save(folder.filePath(f"{name}.png"))
    QDir.setSearchPaths("signs", [folder.path()])
    _FOLDERS.append(folder)
    application.setStyleSheet(_SHEET)
