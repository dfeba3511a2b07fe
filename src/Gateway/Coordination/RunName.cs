namespace Winnow.Gateway.Coordination;

/// <summary>A run of one choice, among several of the same choice.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="Index">Place of the choice in its answer.</param>
/// <param name="Run">Its number; see <see cref="GenerationRequest.Run"/>.</param>
internal sealed record RunName(string RequestId, int Index, long Run)
{
    /// <summary>The run that a request asks for.</summary>
    public static RunName Of(GenerationRequest request) => new(request.RequestId, request.Index, request.Run);

    /// <summary>Whether it is of the same choice.</summary>
    public bool IsOfChoice(GenerationRequest request) => request.Index == Index && request.RequestId == RequestId;
}
