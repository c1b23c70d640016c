// One application of a filter, and the table of them; private to the filters.
#pragma once

#include <map>

#include "lm/text/jinja_text.h"

namespace dubito::lm::jinja {

struct Call {
    const std::string& name;
    const Value& value;
    const Arguments& arguments;
    int line;

    const Value* argument(std::size_t place, std::string_view key) const {
        return jinja::argument(arguments, place, key);
    }
    bool flag(std::size_t place, std::string_view key, bool standard) const {
        const Value* given = argument(place, key);
        return given ? given->isTrue() : standard;
    }
    std::int64_t whole(std::size_t place, std::string_view key, std::int64_t standard) const {
        return needWhole(argument(place, key), standard, line, "the filter " + name);
    }
    List items() const { return itemsOf(value, line, "the filter " + name); }
};
using Filter = Value (*)(const Call&);
using Filters = std::map<std::string_view, Filter>;

extern const Filters kTextFilters;  ///< of strings and numbers
extern const Filters kListFilters;

}  // namespace dubito::lm::jinja
