// The only code that shows an Error to a person.
#pragma once

#include "base/error.h"

class QWidget;

namespace dubito::app {

void presentError(QWidget* parent, const Error& error);

}  // namespace dubito::app
