namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Which work of a pass an attention launch does: places in the uploaded <see cref="PassMetadata.Data"/>.</summary>
/// <param name="Window">The window it is for; 0 for none.</param>
/// <param name="Rows">Rows of the result.</param>
/// <param name="Work">First integer of the work entries.</param>
/// <param name="WorkCount">Work entries.</param>
/// <param name="Joins">First integer of the rows whose partial results are joined.</param>
/// <param name="JoinCount">Rows whose partial results are joined.</param>
/// <param name="Partials">Partial results needed.</param>
/// <param name="MostRows">Rows of the largest work entry.</param>
internal readonly record struct AttentionList(int Window, int Rows, int Work, int WorkCount, int Joins, int JoinCount, int Partials, int MostRows);
