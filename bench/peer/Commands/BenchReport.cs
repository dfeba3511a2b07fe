namespace Winnow.Peer.Commands;

/// <summary>What <c>bench</c> prints.</summary>
/// <param name="Model">Name of the model file.</param>
/// <param name="Peer">Release and CPU variant.</param>
/// <param name="Threads">Threads.</param>
/// <param name="LoadMs">Time to load the model.</param>
/// <param name="FirstTokenMs">Time from the start of loading to the logits after a prompt of one token, in a context of the size below.</param>
/// <param name="Context">Tokens of that context.</param>
/// <param name="ResidentBytes">Resident memory after that token.</param>
/// <param name="ResidentAnonymousBytes">The part of it that is no file mapping: copies of weights, KV cache, scratch.</param>
/// <param name="Results">Speed of each kind of work.</param>
/// <param name="PeakResidentBytes">Peak resident memory of the whole run.</param>
internal sealed record BenchReport(
    string Model,
    string Peer,
    int Threads,
    double LoadMs,
    double FirstTokenMs,
    int Context,
    long ResidentBytes,
    long ResidentAnonymousBytes,
    IReadOnlyList<BenchResult> Results,
    long PeakResidentBytes);

/// <summary>Speed of one kind of work.</summary>
/// <param name="Work"><c>decode</c>, <c>prefill</c> or <c>verify</c>.</param>
/// <param name="Count">Sequences of a decode, tokens of a prompt or of a block.</param>
/// <param name="Depth">Tokens that came before, for each sequence.</param>
/// <param name="TokensPerSecond">Median of the samples.</param>
/// <param name="Samples">Tokens of all sequences per second, a number per repetition.</param>
internal sealed record BenchResult(string Work, int Count, int Depth, double TokensPerSecond, double[] Samples);
