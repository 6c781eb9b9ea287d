// The ensembles of tables, compiled once for all programs: these say `extern template`.
#include <eigencoder/applications/table_ensemble.hpp>

template class eigencoder::TableEnsemble<>;
