// The one list of panels.
#pragma once

#include "kit/panel_context.h"
#include "kit/panel_registry.h"

class QWidget;

namespace dubito::app {

class Application;

void registerPanels(kit::PanelRegistry& registry, Application& application);
/// The card of the selected run, at the window's right wherever the panel in front has none of its own.
QWidget* makeRunCard(const kit::PanelContext& context);

}  // namespace dubito::app
