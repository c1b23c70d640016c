// Which roles only help: they are started by a panel to show another run, not by a person for themselves.
#include "kit/panel_context.h"

namespace dubito::kit {

std::vector<std::string> helperPlugins(const PanelContext& context) {
    std::vector<std::string> out;
    if (!context.pluginsWithRole) return out;
    for (const char* role : {"contrast", "tokenise"})
        for (auto& id : context.pluginsWithRole(QString::fromLatin1(role))) out.push_back(std::move(id));
    return out;
}

}  // namespace dubito::kit
