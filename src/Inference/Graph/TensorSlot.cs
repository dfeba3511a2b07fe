namespace Winnow.Inference.Graph;

/// <summary>A tensor that a graph computes with.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Columns">Elements of a row.</param>
/// <param name="Rows">Rows, of one expert where there are experts; 1 for a vector.</param>
/// <param name="Experts">Experts, one matrix each, one after the other; 0 for a single matrix.</param>
/// <param name="Optional">A model may have none.</param>
internal readonly record struct TensorSlot(string Name, int Columns, int Rows = 1, int Experts = 0, bool Optional = false);
